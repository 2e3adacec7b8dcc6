//! WebGPU on a software adapter: right, but slow, so the model is tiny.
