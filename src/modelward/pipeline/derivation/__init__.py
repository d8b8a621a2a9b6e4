"""Is a model really a fine-tune of the base it names? The tensors of both are compared, name by name."""
