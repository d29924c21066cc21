// Planning: being written.
