// Profiling: being written.
