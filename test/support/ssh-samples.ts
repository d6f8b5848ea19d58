/** One public key of each type, with the fingerprint that `ssh-keygen -l` prints. Nobody has the private keys any more. */
export const SAMPLE_KEYS = [
  {
    type: 'ssh-ed25519',
    base64: 'AAAAC3NzaC1lZDI1NTE5AAAAIIEHUdvgy8m0OlNwSEVzg6NcZMcG5wlNHFlb+cuGNSy0',
    fingerprint: 'SHA256:AylwMjpfe6HxBda9gHsFuh7gKo0Y3qbzC3WkJ1qxjSs',
  },
  {
    type: 'ecdsa-sha2-nistp256',
    base64:
      'AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBIvk+HMzsh/HYMWRXzNOep7HHsKVRm/GE3L0IlFIJ6StFSAKdnzjerf1f+60t1VkU55yy4axp8JwwbMhbneBgIA=',
    fingerprint: 'SHA256:1rqHiEHjpV2YM1Tp9SJBVgjrPhXVnjWvPrAUSQCqm2w',
  },
  {
    type: 'ecdsa-sha2-nistp384',
    base64:
      'AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBJcKEuiNQw1RUNgSqGEB5kz0DBILDtxkQfQIxxcXhftGa2Lst2Ov7aGFDhAfpsGFQr/vSZpXcCVAKa1dnJWifVS1zgHO/iq5BmhWneCVaosJJCLChjUa1pDQG7zNVOSfSQ==',
    fingerprint: 'SHA256:jOFttfqc6RPJgq5ZPDbiK2cONnE+SyuDy5cfhbEmFjU',
  },
  {
    type: 'ecdsa-sha2-nistp521',
    base64:
      'AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAGrVoXqKd9/hLHCrhG6+tsRdKFfaL0jcst0s8uXAQ5tt+h8jBtHSNtWpLGksut6Qff//VchY4QQTdzbLP9eF07L0wFr4yjiqoxE5aIngEh75KS9SGWlzD3PY+Q6yND78Pg+5X48Jiilk/KQoyQrUcspn8+fpzXs++ATjCh7Lhc37ouwhA==',
    fingerprint: 'SHA256:he0BwJoiLRRAcoBQKdNgRDAApstINbS8bBK7hjVF3Oo',
  },
  {
    type: 'ssh-rsa',
    base64:
      'AAAAB3NzaC1yc2EAAAADAQABAAABAQC9jIL7plvuIhKQYsct8dQLvrVGEIp1ETQyfvs3Q3pXXpqhwn5nqKeA0aWh/tDF88KyEz2LUreA7c/NLW+FCaXehJ+1iCbSIB25FpFBB5CrCGwJHS5oaHHH1ndR6Rp65KLhK25BHXzc+OuMEN0x7+I6B4LMl71OPhZUYcC3YGTagyYKGQMWJmsmQ/KTtQE0MwsXGN6aYbddcpBwLZuHsU2NwLZUHBrDEx5yLtwMfFkhbNxkD5KRPL5MQ9mhKuM7hlKJZBOCx6QYJmPeVq+zqypqID7taSr4xKZVzEo6UJjLGlsgIHaMelkWmyVguRU9BAgCqNyWLLs2iol1fQs8ARDT',
    fingerprint: 'SHA256:cilPa/sj00cTYb3/T4IFKyprOOP7oWdXNAcrTMk+U1A',
  },
  {
    type: 'ssh-dss',
    base64:
      'AAAAB3NzaC1kc3MAAACBAPF8B6OfrNcZZvBFwwxW8wKO99mzQgZcJ41VhoX8xYYXb+Q8YXORijjZqT4vt/WjZZs8BIqbyD5M3GBYFCfeUuJ3jX8x/EyNjVprEMi+OK2en8hWVubAUHv4YiEe/2m13wFw+9lcMAhy1UzrpzPN5DSTr17G4KUerkSX9Ge2XonpAAAAFQDxDXuOjVHqI1K4AFPIALGtzAY2RQAAAIEAls6bir6kEc0NdyQj9vcoUjEG0IqWs5+0Fwm0NsvKC/C+b5naoS2iq/BrkLdjJhlBYUyqnTYYnq7AV81E5teFNTDwCKC0v06pZec03zuPu7ylh6r3KgOL59NXRb1lg4T0juxzMpXLYk9aAl+lBLL7ughCUmWGdIviRoRKMQS9Z94AAACAAolsPVS5BwNMeemFc4Jbq2HqY3ixnv+1+uQe2nqQ/mHeIofVWEUJHtC7M2KuMlSMTXM1/czXCpHndVvGS2lXcyyBkTmfmqoHfOUSIVYxVr6bEjdzWsNsIspN60+yh36iACgXQcnkVEx0xw8v7ARjmL5BuFRJV4QqUmW+dBWZDVg=',
    fingerprint: 'SHA256:bwVoJngYtzrGVIhuV+kp6yo+H9+oJmNFMB7sROAT4B4',
  },
] as const;
