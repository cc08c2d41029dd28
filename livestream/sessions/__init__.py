"""Sessions: live hours asked for, confirmed without double booking, held and ended."""
