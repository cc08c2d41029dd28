"""Intake: the couriers' daily files in their own layouts, checked row by row before they are taken in."""
