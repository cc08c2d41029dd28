"""The hard rules of session planning, one by one."""
