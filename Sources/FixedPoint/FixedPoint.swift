// FixedPoint: being written.
