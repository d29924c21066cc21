// IntegerModel: being written.
