"""The primitive operations: functions and conditions on elements, and steps on whole values."""
