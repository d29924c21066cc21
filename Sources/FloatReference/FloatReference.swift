// FloatReference: being written.
