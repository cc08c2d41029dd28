"""A seeded simulation of the money of a small county, judged by the simulator's books.

`world` is the county in one process; `cast` its people and goods; `acts` what they do, one function a deed;
`history` draws deeds from a seed; `ending` lets everything due happen; `judge` says what does not hold.
"""
