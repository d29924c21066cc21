// Toolchains: being written.
