"""Amazon QuickSight: refreshing the SPICE data sets behind the dashboards."""
