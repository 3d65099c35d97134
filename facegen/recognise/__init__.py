"""Recognisers: training one on a dataset of ours (torch), and measuring any ONNX recogniser by group."""
