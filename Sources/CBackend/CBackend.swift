// CBackend: being written.
