"""Compiling: from a loaded template to a Plan.

``compile`` is the door; ``compiler`` compiles a template with everything it uses, ``template`` reads one of them,
section by section, into a body of the plan: ``parameters`` (a package beside this one), ``conditions``, ``tasks`` with
their ``properties``, ``outputs``. ``expressions`` checks the references and functions wherever they stand, against what
``scope`` says can be named there; ``reader`` keeps what is wrong, with its place.
"""
