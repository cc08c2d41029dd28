"""The bulk comparison of a statement with our waybills: DuckDB over whole columns, in whole numbers.

Tables come in from the parsers (`statement`, `record`). `parcels` prices the courier's own parcels, `lines`
cleans the rows and matches them with the parcels into `line` – one readable charge row each – and `judging`
finds the discrepancies. Weights are whole grams, rounded up once; that is exact because every further
rounding goes up to whole grams, too.
"""
