"""Datasets: snapshots to the row, custody whose claims are checked."""
