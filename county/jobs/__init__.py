"""Work that waits for its time: job rows, the workers that do them and the clerk that rings the bells."""
