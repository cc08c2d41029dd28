"""The joint tours: a day's parcels planned together as a job, looked at, published and driven.

Beside the usual shelf: `service` (planning, publishing, driving, looking) and `pages` (desk, driver) are
folders; `documents` freezes what a plan was made from as text; `board` draws a tour for the desk.
"""
