"""Measures speed as ratios to baselines taken in the same run: machines are shared, seconds alone say little."""
