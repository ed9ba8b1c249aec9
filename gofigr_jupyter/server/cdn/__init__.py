"""Files on the web: a Fig1-compatible asset service beside the figures."""
