"""The promotion gate: a pure function from policy and verified statements to a decision."""
