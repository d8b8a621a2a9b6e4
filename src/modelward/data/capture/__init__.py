"""What `modelward.data.collect` is made of: the journal of the open batch, stamps, sealed batches, growth."""
