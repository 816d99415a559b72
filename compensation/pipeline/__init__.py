"""From files and tables to lines of pay."""
