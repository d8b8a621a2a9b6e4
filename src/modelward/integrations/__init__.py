"""Joining modelward to other people's services: model hubs, object stores, registries, the web."""
