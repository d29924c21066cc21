// Training: being written.
