# SPDX-License-Identifier: Apache-2.0
"""What scripts/reproduce is made of: paper (its values), runs (of the program), parts (tables and figures), pages, drawing."""
