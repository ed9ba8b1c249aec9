"""Files for the web, as Fig1 serves them: permanent addresses, and pictures in the size and format asked for."""
