"""HTTP out: the only place that speaks to servers. Public: `gofigr.GoFigr`."""
