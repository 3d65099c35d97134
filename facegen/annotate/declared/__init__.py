"""What the columns of labels.parquet are declared as, by topic; facegen/annotate/NAME.py fills those of NAME."""
