// Tasks: being written.
