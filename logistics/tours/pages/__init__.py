"""The pages of tours: the desk's and the driver's."""
