"""git on a user's word: addresses that are allowed, and the git command in a child that can do nothing else."""
