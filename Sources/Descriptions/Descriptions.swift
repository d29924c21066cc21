// Descriptions: being written.
