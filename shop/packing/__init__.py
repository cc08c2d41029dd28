"""Packing: each grower packs their part of a paid order; the shop follows the parcel on its way."""
