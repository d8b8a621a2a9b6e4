"""What the weights say without a model being run: changes of layers, and of the rows of rare tokens."""
