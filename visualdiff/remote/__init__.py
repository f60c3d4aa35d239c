"""Objects of a store behind the paths that stand for them; the drivers are fsspec's."""
