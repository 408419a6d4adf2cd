"""The bridge between the window and the engines: processes, threads and the queue. QtCore only, no widgets."""
