"""What a serving process is: its workers, and the lines it logs. It knows no HTTP."""
