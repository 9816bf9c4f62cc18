"""What one user is told, and nobody else."""
