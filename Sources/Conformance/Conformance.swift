// Conformance: being written.
