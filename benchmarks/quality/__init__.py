"""Accuracy, time and memory of AutoMill and its peers on many data sets, one fresh process a run."""
