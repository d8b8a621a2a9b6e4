"""What can be asked: classifiers and causal models in a directory, ONNX classifiers, chat endpoints."""
