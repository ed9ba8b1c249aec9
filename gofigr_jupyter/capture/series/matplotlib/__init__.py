"""A matplotlib figure's artists as series; seaborn's, pandas's and plotnine's figures are such figures, too."""
