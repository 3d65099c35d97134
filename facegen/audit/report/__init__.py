"""Audit documents as one HTML file each: everything inside, readable without JavaScript, on paper and without a network."""

from facegen.audit.report.compare import compare_html
from facegen.audit.report.counterfactual import counterfactual_html
from facegen.audit.report.recogniser import recogniser_html
from facegen.audit.report.single import audit_html

__all__ = ["audit_html", "compare_html", "counterfactual_html", "recogniser_html"]
