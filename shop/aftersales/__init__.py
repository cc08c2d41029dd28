"""Aftersales: claims of buyers, who decides until when, what goes back, who bears it, who else is warned.

The service is a folder by what is done: opening, deciding, sending back, liability, warning, reading.
"""
