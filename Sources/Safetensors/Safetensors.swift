// Safetensors: being written.
