"""An AWS on loopback: moto keeps the objects, a guard in front of it decides who may do what, as AWS would."""
